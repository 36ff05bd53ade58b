package io.millio.transport;

/**
 * Whether a transport that was found can be used here.
 *
 * @param name its name, or that of its class where it could not even be loaded
 * @param usable whether {@link Transport#named} would give it
 * @param reason why it is not usable; empty where it is
 */
public record TransportStatus(String name, boolean usable, String reason) {}
