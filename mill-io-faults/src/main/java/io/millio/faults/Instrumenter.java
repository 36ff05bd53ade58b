package io.millio.faults;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LineNumber;
import java.lang.classfile.instruction.NewMultiArrayInstruction;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.classfile.instruction.NewPrimitiveArrayInstruction;
import java.lang.classfile.instruction.NewReferenceArrayInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.function.Predicate;

/**
 * Inserts a call of {@link FaultPoint#visit} at each fault point: at the entry of methods, before allocations, around
 * calls into the platform that may allocate, and before calls of the transport. Nothing fails in a class initializer,
 * nor in what it calls: its class would be lost for all later runs.
 */
final class Instrumenter {
    private static final ClassDesc POINT = ClassDesc.of(FaultPoint.class.getName());
    private static final MethodTypeDesc VISIT = MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int);
    private static final String TRANSPORT = "io/millio/transport/";

    private final ClassFile classFile;
    private final Predicate<String> underTest;
    private final DeclaredExceptions declared;

    Instrumenter(ClassLoader classes, Predicate<String> underTest) {
        this.underTest = underTest;
        this.declared = new DeclaredExceptions(classes);
        this.classFile = ClassFile.of(ClassFile.ClassHierarchyResolverOption.of(
                ClassHierarchyResolver.ofResourceParsing(classes).orElse(ClassHierarchyResolver.defaultResolver())));
    }

    byte[] instrument(byte[] code) {
        ClassModel model = classFile.parse(code);
        String name = model.thisClass().asInternalName().replace('/', '.');
        ClassTransform transform = (builder, element) -> {
            if (element instanceof MethodModel method && method.code().isPresent()) {
                String methodName = method.methodName().stringValue();
                CodeTransform inserter =
                        methodName.equals("<clinit>") ? new Excluder() : new Inserter(name + "." + methodName);
                builder.transformMethod(method, MethodTransform.transformingCode(inserter));
            } else {
                builder.with(element);
            }
        };
        return classFile.transformClass(model, transform);
    }

    /** The code of a class initializer. */
    private static final class Excluder implements CodeTransform {
        private static final MethodTypeDesc NO_ARGUMENTS = MethodTypeDesc.of(ConstantDescs.CD_void);

        private boolean entered;

        @Override
        public void accept(CodeBuilder code, CodeElement element) {
            if (!entered && element instanceof java.lang.classfile.Instruction) {
                entered = true;
                code.invokestatic(POINT, "enterInitializer", NO_ARGUMENTS);
            }
            if (element instanceof ReturnInstruction) {
                code.invokestatic(POINT, "leaveInitializer", NO_ARGUMENTS);
            }
            code.with(element);
        }
    }

    /** The code of one method. */
    private final class Inserter implements CodeTransform {
        private final String method;
        private int line;
        private boolean entered;

        Inserter(String method) {
            this.method = method;
        }

        @Override
        public void accept(CodeBuilder code, CodeElement element) {
            if (element instanceof LineNumber number) {
                line = number.line();
            }
            if (!entered && element instanceof java.lang.classfile.Instruction) {
                entered = true;
                insert(code, FaultKind.STACK, "entry");
            }
            switch (element) {
                case NewObjectInstruction each ->
                    insert(code, FaultKind.ALLOCATION, "new " + each.className().asInternalName());
                case NewPrimitiveArrayInstruction each ->
                    insert(code, FaultKind.ALLOCATION, "new " + each.typeKind() + "[]");
                case NewReferenceArrayInstruction each ->
                    insert(
                            code,
                            FaultKind.ALLOCATION,
                            "new " + each.componentType().asInternalName() + "[]");
                case NewMultiArrayInstruction each ->
                    insert(code, FaultKind.ALLOCATION, "new " + each.arrayType().asInternalName());
                case InvokeDynamicInstruction each ->
                    insert(code, FaultKind.ALLOCATION, "dynamic " + each.name().stringValue());
                case InvokeInstruction call -> {
                    call(code, call);
                    return;
                }
                default -> {}
            }
            code.with(element);
        }

        private void call(CodeBuilder code, InvokeInstruction call) {
            String owner = call.owner().asInternalName();
            String name = call.name().stringValue();
            String what = owner + "." + name;
            boolean platform = !underTest.test(owner.replace('/', '.')) && !owner.startsWith("io/millio/");
            boolean transport = owner.startsWith(TRANSPORT) && call.opcode() == Opcode.INVOKEINTERFACE;
            boolean closes = name.equals("close"); // which releases what it closes, also when it throws
            if (transport && !closes) {
                transport(code, call, what);
            }
            boolean mayAllocate = platform && !name.equals("<init>") && !NonAllocating.contains(owner, name);
            if (mayAllocate) {
                insert(code, FaultKind.ALLOCATION, what);
            }
            code.with(call);
            if (transport && closes) {
                transport(code, call, what);
            }
            if (mayAllocate && !NonAllocating.opens(owner, name)) {
                insert(code, FaultKind.AFTER_CALL, what);
            }
        }

        private void transport(CodeBuilder code, InvokeInstruction call, String what) {
            insert(code, FaultKind.TRANSPORT_UNCHECKED, what);
            if (declared.includesIo(
                    call.owner().asInternalName(),
                    call.name().stringValue(),
                    call.type().stringValue())) {
                insert(code, FaultKind.TRANSPORT_IO, what);
            }
        }

        private void insert(CodeBuilder code, FaultKind kind, String what) {
            int number = FaultPoint.add(new FaultSite(kind, method + ":" + line, what));
            code.loadConstant(number).invokestatic(POINT, "visit", VISIT);
        }
    }
}
