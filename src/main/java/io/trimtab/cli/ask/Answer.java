package io.trimtab.cli.ask;

import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.ServedBy;

/** A whole answer and what produced it. */
public record Answer(ServedBy servedBy, Completion completion) {}
