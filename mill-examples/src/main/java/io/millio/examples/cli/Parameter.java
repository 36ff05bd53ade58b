package io.millio.examples.cli;

/** A positional argument. Only the last one may be repeated. */
public record Parameter(String name, String description, boolean required, boolean repeated) {
    /** One that must be there. */
    public static Parameter one(String name, String description) {
        return new Parameter(name, description, true, false);
    }

    /** One that may be there. */
    public static Parameter optional(String name, String description) {
        return new Parameter(name, description, false, false);
    }

    /** One or more. */
    public static Parameter many(String name, String description) {
        return new Parameter(name, description, true, true);
    }

    /** How the usage writes it. */
    String label() {
        String label = repeated ? name + "..." : name;
        return required ? label : "[" + label + "]";
    }
}
