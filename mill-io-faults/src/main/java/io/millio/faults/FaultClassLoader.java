package io.millio.faults;

import java.io.IOException;
import java.io.InputStream;
import java.util.function.Predicate;

/**
 * Loads the classes under test, and the tests, apart from those of the parent, and inserts fault points into the
 * former. The classes of this package are the parent's in any case, so that both sides meet there.
 */
public final class FaultClassLoader extends ClassLoader {
    static {
        registerAsParallelCapable();
    }

    private final Predicate<String> own;
    private final Predicate<String> underTest;
    private final Instrumenter instrumenter;

    /**
     * Creates a loader.
     *
     * @param parent has all classes
     * @param own the names of the classes that this loader loads itself: those under test and all that refer to them
     * @param underTest the names of those that get fault points
     */
    public FaultClassLoader(ClassLoader parent, Predicate<String> own, Predicate<String> underTest) {
        super("faults", parent);
        this.own = own;
        this.underTest = underTest;
        this.instrumenter = new Instrumenter(parent, underTest);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!own.test(name) || name.startsWith(FaultPoint.class.getPackageName() + ".Fault")) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : findClass(name);
        }
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            byte[] code = in.readAllBytes();
            if (underTest.test(name)) {
                code = instrumenter.instrument(code);
            }
            return defineClass(name, code, 0, code.length);
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }
}
