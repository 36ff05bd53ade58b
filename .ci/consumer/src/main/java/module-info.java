/** Compiled on the module path, so that the names and exports of the staged modules are checked too. */
module consumer {
    requires io.millio;
    requires io.millio.net;
    requires io.millio.http;
}
