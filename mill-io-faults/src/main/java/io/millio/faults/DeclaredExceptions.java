package io.millio.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Looks up which methods declare {@link IOException}, in class files, without loading the classes. */
final class DeclaredExceptions {
    private final ClassLoader classes;
    private final Map<String, @Nullable ClassModel> parsed = new HashMap<>();

    DeclaredExceptions(ClassLoader classes) {
        this.classes = classes;
    }

    /** Whether a method, or the one of a super-interface that it is inherited from, declares {@code IOException}. */
    synchronized boolean includesIo(String owner, String name, String type) {
        ClassModel model = model(owner);
        if (model == null) {
            return false;
        }
        for (MethodModel each : model.methods()) {
            if (each.methodName().equalsString(name) && each.methodType().equalsString(type)) {
                return each.findAttribute(Attributes.exceptions())
                        .map(attribute -> attribute.exceptions().stream()
                                .anyMatch(thrown -> thrown.asInternalName().equals("java/io/IOException")))
                        .orElse(false);
            }
        }
        return model.interfaces().stream().anyMatch(parent -> includesIo(parent.asInternalName(), name, type));
    }

    private @Nullable ClassModel model(String owner) {
        if (parsed.containsKey(owner)) {
            return parsed.get(owner);
        }
        ClassModel model = null;
        try (InputStream in = classes.getResourceAsStream(owner + ".class")) {
            if (in != null) {
                model = ClassFile.of().parse(in.readAllBytes());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        parsed.put(owner, model);
        return model;
    }
}
