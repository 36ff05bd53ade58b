package io.millio.http;

import io.millio.http.wire.Syntax;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Chooses a handler by method and path. A route's path is made of segments: text, which matches itself byte for byte; a
 * parameter, <code>{name}</code>, which matches one segment that is not empty; and last perhaps <code>{name...}</code>,
 * which matches the rest, be it empty. Text goes before a parameter, and that before a rest. A path without route is
 * answered with 404; one that has routes for other methods with 405 and Allow; HEAD is answered by GET's handler if it
 * has none of its own, without the body.
 *
 * <p>Immutable; made by a {@linkplain #builder() builder}. Matching compares the bytes of the path as they came, and
 * makes no object.
 */
public final class Router implements HttpHandler {
    private static final String GET = "GET";

    private final Node root;
    private final HttpHandler notFound;

    private Router(Node root, HttpHandler notFound) {
        this.root = root;
        this.notFound = notFound;
    }

    /** Routes to make a router of. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public void handle(HttpRequest request, HttpResponse response) throws Exception {
        int start = request.pathStart();
        ByteBuffer bytes = request.bytes();
        Node node = request.pathLength() == 0 || bytes.get(start) != '/'
                ? null
                : root.match(bytes, start, start + 1, start + request.pathLength(), request.parameters);
        if (node == null) {
            notFound.handle(request, response);
            return;
        }
        Route route = node.routeFor(request);
        if (route == null) {
            response.header("Allow", node.allow());
            response.error(405);
            return;
        }
        request.parameters.named(route.parameters);
        route.handler.handle(request, response);
    }

    /** Collects routes. One thread at a time. */
    public static final class Builder {
        private final Node root = new Node("");
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
            node.routes.add(new Route(method, names.toArray(new String[0]), handler));
            return this;
        }

        /** Answers the paths that have no route, instead of 404. */
        public Builder otherwise(HttpHandler handler) {
            notFound = Objects.requireNonNull(handler, "handler");
            return this;
        }

        /** The router; the builder must not be used after. */
        public Router build() {
            return new Router(root, notFound);
        }
    }

    private static final class Route {
        final String method;
        final String[] parameters;
        final HttpHandler handler;

        Route(String method, String[] parameters, HttpHandler handler) {
            this.method = method;
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

        /**
         * The node for the segments from a place on; null if there is none. Places of parameters count from the path's
         * start.
         */
        @Nullable
        Node match(ByteBuffer in, int start, int at, int end, PathParameters parameters) {
            int segmentEnd = at;
            while (segmentEnd < end && in.get(segmentEnd) != '/') {
                segmentEnd++;
            }
            boolean last = segmentEnd == end;
            for (int i = 0; i < children.size(); i++) {
                Node child = children.get(i);
                if (Syntax.equals(in, at, segmentEnd - at, child.text)) {
                    Node found = child.after(in, start, segmentEnd, end, last, parameters);
                    if (found != null) {
                        return found;
                    }
                }
            }
            int known = parameters.count();
            if (parameter != null && segmentEnd > at) {
                parameters.add(at - start, segmentEnd - start);
                Node found = parameter.after(in, start, segmentEnd, end, last, parameters);
                if (found != null) {
                    return found;
                }
                parameters.cutTo(known);
            }
            if (rest != null) {
                parameters.add(at - start, end - start);
            }
            return rest;
        }

        private @Nullable Node after(
                ByteBuffer in, int start, int segmentEnd, int end, boolean last, PathParameters parameters) {
            if (!last) {
                return match(in, start, segmentEnd + 1, end, parameters);
            }
            return routes.isEmpty() ? null : this;
        }

        @Nullable
        Route routeFor(HttpRequest request) {
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

        String allow() {
            StringBuilder methods = new StringBuilder();
            for (Route each : routes) {
                methods.append(methods.isEmpty() ? "" : ", ").append(each.method);
                if (each.method.equals(GET) && routes.stream().noneMatch(other -> other.method.equals("HEAD"))) {
                    methods.append(", HEAD");
                }
            }
            return methods.toString();
        }
    }
}
