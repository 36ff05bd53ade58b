package io.millio.http;

/**
 * One field of a head or a trailer.
 *
 * @param name as it came; compare it without regard to case
 * @param value without the blanks around it; each character is a byte
 */
public record HttpField(String name, String value) {}
