package io.millio.http;

import io.millio.http.wire.Ascii;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Chooses a handler by method and path. A route's path is made of segments: text, which matches itself byte for byte; a
 * parameter, <code>{name}</code>, which matches one segment that is not empty; and last perhaps <code>{name...}</code>,
 * which matches the rest, be it empty. Of the routes for the request's method text goes before a parameter, and that
 * before a rest. A path without route is answered with 404; one that has routes for other methods only with 405 and
 * Allow, or OPTIONS with 204 and Allow; HEAD is answered by GET's handler if it has none of its own, without the body.
 *
 * <p>Immutable; made by a {@linkplain #builder() builder}. Matching compares the bytes of the path as they came, and
 * makes no object.
 */
public final class Router implements HttpHandler {
    private static final String GET = "GET";

    private final Node root;
    private final List<Route> routes;
    private final HttpHandler notFound;

    private Router(Builder builder) {
        this.root = builder.root;
        this.routes = List.copyOf(builder.routes);
        this.notFound = builder.notFound;
    }

    /** Routes to make a router of. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public void handle(HttpRequest request, HttpResponse response) throws Exception {
        int start = request.pathStart();
        int end = start + request.pathLength();
        byte[] bytes = request.bytes();
        if (start == end || bytes[start] != '/') {
            notFound.handle(request, response);
            return;
        }
        Route route = root.match(request, bytes, start, start + 1, end);
        if (route != null) {
            request.route = route.path;
            if (route.parameters.length > 0) {
                request.parameters().named(route.parameters);
            }
            route.handler.handle(request, response);
            return;
        }
        Set<String> methods = new LinkedHashSet<>();
        root.collectMethods(bytes, start + 1, end, methods);
        if (methods.isEmpty()) {
            notFound.handle(request, response);
            return;
        }
        if (methods.contains(GET)) {
            methods.add("HEAD");
        }
        methods.add("OPTIONS");
        response.header("Allow", String.join(", ", methods));
        if (request.isMethod("OPTIONS")) {
            response.status(204).send();
        } else {
            response.error(405);
        }
    }

    /** Collects routes. One thread at a time. */
    public static final class Builder {
        private final Node root = new Node("");
        private final List<Route> routes = new ArrayList<>();
        private HttpHandler notFound = (request, response) -> response.error(404);

        private Builder() {}

        /** Adds a route for GET, and HEAD. */
        public Builder get(String path, HttpHandler handler) {
            return route(GET, path, handler);
        }

        /** Adds a route for POST. */
        public Builder post(String path, HttpHandler handler) {
            return route("POST", path, handler);
        }

        /** Adds a route for PUT. */
        public Builder put(String path, HttpHandler handler) {
            return route("PUT", path, handler);
        }

        /** Adds a route for DELETE. */
        public Builder delete(String path, HttpHandler handler) {
            return route("DELETE", path, handler);
        }

        /**
         * Adds a route.
         *
         * @param path begins with a slash
         * @throws IllegalArgumentException if it is malformed, or there is such a route already
         */
        public Builder route(String method, String path, HttpHandler handler) {
            Objects.requireNonNull(method, "method");
            Objects.requireNonNull(handler, "handler");
            if (!path.startsWith("/")) {
                throw new IllegalArgumentException("path: " + path + ", must begin with a slash");
            }
            List<String> names = new ArrayList<>();
            Node node = root;
            String[] segments = path.substring(1).split("/", -1);
            for (int i = 0; i < segments.length; i++) {
                node = node.child(segments[i], names, i == segments.length - 1, path);
            }
            for (Route each : node.routes) {
                if (each.method.equals(method)) {
                    throw new IllegalArgumentException(
                            "path: there is a route for " + method + " " + path + " already");
                }
            }
            Route added = new Route(method, path, names.toArray(new String[0]), handler);
            node.routes.add(added);
            routes.add(added);
            return this;
        }

        /**
         * Adds all routes of another router below a prefix: its path {@code /b} becomes {@code /a/b} below {@code /a}.
         * What that router does with other paths, see {@link #otherwise}, is not taken over.
         *
         * @param prefix begins with a slash and does not end with one; may have parameters
         * @throws IllegalArgumentException if the prefix is malformed, or a route is there already; routes added before
         *     that one stay
         */
        public Builder mount(String prefix, Router router) {
            if (!prefix.startsWith("/") || prefix.endsWith("/")) {
                throw new IllegalArgumentException(
                        "prefix: " + prefix + ", must begin with a slash and must not end with one");
            }
            for (Route each : router.routes) {
                route(each.method, prefix + each.path, each.handler);
            }
            return this;
        }

        /** Answers the paths that have no route, instead of 404. */
        public Builder otherwise(HttpHandler handler) {
            notFound = Objects.requireNonNull(handler, "handler");
            return this;
        }

        /** The router; the builder must not be used after. */
        public Router build() {
            return new Router(this);
        }
    }

    private static final class Route {
        final String method;
        final String path;
        final String[] parameters;
        final HttpHandler handler;

        Route(String method, String path, String[] parameters, HttpHandler handler) {
            this.method = method;
            this.path = path;
            this.parameters = parameters;
            this.handler = handler;
        }
    }

    /** What may follow a segment. */
    private static final class Node {
        final String text;
        final List<Node> children = new ArrayList<>();
        final List<Route> routes = new ArrayList<>();

        @Nullable
        Node parameter;

        @Nullable
        Node rest;

        Node(String text) {
            this.text = text;
        }

        Node child(String segment, List<String> names, boolean last, String path) {
            if (!segment.startsWith("{") || !segment.endsWith("}")) {
                checkText(segment, path);
                for (Node each : children) {
                    if (each.text.equals(segment)) {
                        return each;
                    }
                }
                Node made = new Node(segment);
                children.add(made);
                return made;
            }
            boolean isRest = segment.endsWith("...}");
            String name = segment.substring(1, segment.length() - (isRest ? 4 : 1));
            if (name.isEmpty() || names.contains(name) || isRest && !last) {
                throw new IllegalArgumentException("path: " + path + ", the parameter " + segment + " is malformed");
            }
            names.add(name);
            Node known = isRest ? rest : parameter;
            if (known == null) {
                known = new Node(segment);
                if (isRest) {
                    rest = known;
                } else {
                    parameter = known;
                }
            }
            return known;
        }

        /** Other libraries' forms of parameters would be text here that no request matches as meant. */
        private static void checkText(String segment, String path) {
            if (segment.startsWith(":") || segment.startsWith("*") || segment.contains("{") || segment.contains("}")) {
                throw new IllegalArgumentException("path: " + path + ", the segment " + segment
                        + " is malformed: a parameter is written {name}, the rest of a path {name...}");
            }
        }

        /**
         * Finds the route for the segments from a position on and the request's method; null if there is none.
         * Positions of parameters count from the path's start.
         */
        @Nullable
        Route match(HttpRequest request, byte[] in, int start, int at, int end) {
            int segmentEnd = segmentEnd(in, at, end);
            for (int i = 0; i < children.size(); i++) {
                Node child = children.get(i);
                if (Ascii.equals(in, at, segmentEnd - at, child.text)) {
                    Route found = child.after(request, in, start, segmentEnd, end);
                    if (found != null) {
                        return found;
                    }
                }
            }
            if (parameter != null && segmentEnd > at) {
                PathParameters parameters = request.parameters();
                int known = parameters.count();
                parameters.add(at - start, segmentEnd - start);
                Route found = parameter.after(request, in, start, segmentEnd, end);
                if (found != null) {
                    return found;
                }
                parameters.cutTo(known);
            }
            Route found = rest == null ? null : rest.routeFor(request);
            if (found != null) {
                request.parameters().add(at - start, end - start);
            }
            return found;
        }

        private @Nullable Route after(HttpRequest request, byte[] in, int start, int segmentEnd, int end) {
            return segmentEnd == end ? routeFor(request) : match(request, in, start, segmentEnd + 1, end);
        }

        private static int segmentEnd(byte[] in, int from, int end) {
            int at = from;
            while (at < end && in[at] != '/') {
                at++;
            }
            return at;
        }

        /** Collects the methods of all routes that match the segments from a position on. */
        void collectMethods(byte[] in, int at, int end, Set<String> methods) {
            int segmentEnd = segmentEnd(in, at, end);
            List<Node> next = new ArrayList<>(children);
            next.removeIf(child -> !Ascii.equals(in, at, segmentEnd - at, child.text));
            if (parameter != null && segmentEnd > at) {
                next.add(parameter);
            }
            for (Node each : next) {
                if (segmentEnd == end) {
                    each.addMethods(methods);
                } else {
                    each.collectMethods(in, segmentEnd + 1, end, methods);
                }
            }
            if (rest != null) {
                rest.addMethods(methods);
            }
        }

        private void addMethods(Set<String> methods) {
            for (Route each : routes) {
                methods.add(each.method);
            }
        }

        private @Nullable Route routeFor(HttpRequest request) {
            Route get = null;
            for (int i = 0; i < routes.size(); i++) {
                Route each = routes.get(i);
                if (request.isMethod(each.method)) {
                    return each;
                }
                get = each.method.equals(GET) ? each : get;
            }
            return request.isHead() ? get : null;
        }
    }
}
