package io.millio.http;

import io.millio.http.wire.Syntax;
import io.millio.internal.Arguments;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A cookie to be set by {@link HttpResponse#setCookie} (RFC 6265). Made by {@link #of}; each {@code with} method
 * returns a changed copy. All of it is checked when it is made.
 *
 * @param name a token
 * @param value letters, digits and other visible ASCII, but for quotes, commas, semicolons and backslashes
 * @param path the paths that it is sent to, with those below; begins with a slash; null: the directory of the request's
 * @param domain the host that it is sent to, with those below; null: only the one that set it
 * @param maxAge how long it lasts, in whole seconds; zero removes it; null: as long as the browser runs
 * @param secure whether it is sent over TLS only
 * @param httpOnly whether scripts cannot read it
 * @param sameSite which requests of other sites it is sent with; null: what the browser takes for the default
 */
public record Cookie(
        String name,
        String value,
        @Nullable String path,
        @Nullable String domain,
        @Nullable Duration maxAge,
        boolean secure,
        boolean httpOnly,
        @Nullable SameSite sameSite) {

    /** Which requests from pages of other sites a cookie is sent with. */
    public enum SameSite {
        /** With none. */
        STRICT("Strict"),
        /** With those that follow a link. */
        LAX("Lax"),
        /** With all. Needs {@link Cookie#secure}. */
        NONE("None");

        private final String text;

        SameSite(String text) {
            this.text = text;
        }
    }

    /** Checks all parts. */
    public Cookie {
        if (name.isEmpty() || !allMatch(name, c -> Syntax.is(Syntax.TOKEN, (byte) c))) {
            throw Arguments.refused("name", name, "must be a token");
        }
        if (!allMatch(value, c -> c > ' ' && c != '"' && c != ',' && c != ';' && c != '\\' && c != 127)) {
            throw Arguments.refused(
                    "value", value, "must be visible ASCII without quotes, commas, semicolons, backslashes");
        }
        if (path != null && (!path.startsWith("/") || !allMatch(path, c -> c >= ' ' && c != ';' && c != 127))) {
            throw Arguments.refused("path", path, "must begin with a slash and have no semicolon or control character");
        }
        if (domain != null && (domain.startsWith(".") || domain.isEmpty() || !allMatch(domain, Cookie::isOfHost))) {
            throw Arguments.refused("domain", domain, "must be the name of a host");
        }
        if (maxAge != null && maxAge.isNegative()) {
            throw Arguments.refused("maxAge", maxAge, "must not be negative");
        }
        if (sameSite == SameSite.NONE && !secure) {
            throw Arguments.refused("sameSite", sameSite, "must be secure, or browsers drop it");
        }
    }

    @FunctionalInterface
    private interface Characters {
        boolean match(char c);
    }

    private static boolean allMatch(String text, Characters kind) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > 127 || !kind.match(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isOfHost(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.';
    }

    /** A cookie for all paths of the host, until the browser ends: HttpOnly, SameSite=Lax, not Secure. */
    public static Cookie of(String name, String value) {
        return new Cookie(name, value, "/", null, null, false, true, SameSite.LAX);
    }

    /** Changes {@link #path}. */
    public Cookie withPath(@Nullable String path) {
        return new Cookie(name, value, path, domain, maxAge, secure, httpOnly, sameSite);
    }

    /** Changes {@link #domain}. */
    public Cookie withDomain(@Nullable String domain) {
        return new Cookie(name, value, path, domain, maxAge, secure, httpOnly, sameSite);
    }

    /**
     * Changes {@link #maxAge}: zero removes the cookie, if its name, path and domain are those that it was set with.
     */
    public Cookie withMaxAge(@Nullable Duration maxAge) {
        return new Cookie(name, value, path, domain, maxAge, secure, httpOnly, sameSite);
    }

    /** Changes {@link #secure}. */
    public Cookie withSecure(boolean secure) {
        return new Cookie(name, value, path, domain, maxAge, secure, httpOnly, sameSite);
    }

    /** Changes {@link #httpOnly}. */
    public Cookie withHttpOnly(boolean httpOnly) {
        return new Cookie(name, value, path, domain, maxAge, secure, httpOnly, sameSite);
    }

    /** Changes {@link #sameSite}; NONE makes the cookie {@link #secure}, too. */
    public Cookie withSameSite(@Nullable SameSite sameSite) {
        boolean needed = sameSite == SameSite.NONE;
        return new Cookie(name, value, path, domain, maxAge, secure || needed, httpOnly, sameSite);
    }

    /** Returns the value of its field Set-Cookie. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(name).append('=').append(value);
        if (path != null) {
            text.append("; Path=").append(path);
        }
        if (domain != null) {
            text.append("; Domain=").append(domain);
        }
        if (maxAge != null) {
            text.append("; Max-Age=").append(maxAge.toSeconds());
        }
        if (secure) {
            text.append("; Secure");
        }
        if (httpOnly) {
            text.append("; HttpOnly");
        }
        if (sameSite != null) {
            text.append("; SameSite=").append(sameSite.text);
        }
        return text.toString();
    }

    /** Reads the fields Cookie of a request; of cookies with the same name the first counts. */
    static Map<String, String> parse(List<String> fields) {
        Map<String, String> cookies = new LinkedHashMap<>();
        for (String field : fields) {
            for (String pair : field.split(";", -1)) {
                int equals = pair.indexOf('=');
                String name = pair.substring(0, Math.max(0, equals)).strip();
                if (!name.isEmpty()) {
                    cookies.putIfAbsent(name, pair.substring(equals + 1).strip());
                }
            }
        }
        return cookies;
    }
}
