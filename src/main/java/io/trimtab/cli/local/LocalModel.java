package io.trimtab.cli.local;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Which model a command opens in its own process. Null means that the command line says nothing,
 * and configuration or the built-in default decides.
 *
 * @param model folder of a checkpoint, or the name of a bundled model
 * @param precision auto, fp32, int8, int4, bf16 or fp16
 * @param device auto, cpu or cuda:N
 * @param data folder of imported graphs and unpacked models
 */
public record LocalModel(
    @Nullable String model,
    @Nullable String precision,
    @Nullable String device,
    @Nullable Path data) {}
