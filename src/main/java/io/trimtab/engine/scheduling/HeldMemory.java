package io.trimtab.engine.scheduling;

/**
 * Memory that a request holds while it waits.
 *
 * @param owner what has it; several requests that hold the same one hold its memory once
 */
public record HeldMemory(Object owner, long bytes) {}
