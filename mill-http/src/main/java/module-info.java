/** HTTP/1.1 on the connections of Mill-IO. */
module io.millio.http {
    requires transitive io.millio.net;
    requires static org.jspecify;

    exports io.millio.http;
}
