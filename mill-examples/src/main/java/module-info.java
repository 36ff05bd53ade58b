/** Examples of Mill-IO. */
module io.millio.examples {
    requires info.picocli;
    requires io.millio;
    requires static org.jspecify;

    opens io.millio.examples to
            info.picocli;
}
