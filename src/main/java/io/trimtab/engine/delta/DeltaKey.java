package io.trimtab.engine.delta;

/**
 * What a delta is, wherever it is kept: the same key means the same numbers. Never a name, which
 * may mean something else tomorrow.
 *
 * @param digest of the adapter's weights, hex
 * @param scale that it is served at, above 0 to 1
 */
public record DeltaKey(String digest, float scale) {}
