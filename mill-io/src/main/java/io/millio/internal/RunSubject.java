package io.millio.internal;

/** What a program should see in the place of a handler or task of the library's. */
public interface RunSubject {
    /** Returns the connection, for instance, that it works on now; itself at other times. Any thread. */
    Object runSubject();
}
