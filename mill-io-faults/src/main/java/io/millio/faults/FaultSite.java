package io.millio.faults;

/**
 * A place in the code under test where a fault can be injected.
 *
 * @param kind what fails there
 * @param location class, method and line
 * @param what the allocation or the call
 */
public record FaultSite(FaultKind kind, String location, String what) {
    @Override
    public String toString() {
        return location + " (" + what + ")";
    }
}
