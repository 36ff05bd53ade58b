package io.millio.faults;

/**
 * What is run again and again, with a fault at another place each time. It must do the same each time, up to the fault,
 * and check afterwards that nothing but what the fault struck was harmed. Needs a constructor without parameters.
 */
@FunctionalInterface
public interface FaultScenario {
    /**
     * Chooses another order of events, if the scenario has several. Not during a run.
     *
     * @param seed decides the order; the same seed gives the same one
     */
    default void seed(long seed) {}

    /**
     * Runs once. Between {@link FaultPoint#pause} and {@link FaultPoint#resume} nothing fails.
     *
     * @throws Throwable if the scenario does not hold
     */
    void run() throws Throwable;
}
