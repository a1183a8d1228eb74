package io.trimtab.cli.ask;

import io.trimtab.engine.Completion;
import io.trimtab.engine.ServedBy;

/** A whole answer and what produced it. */
public record Answer(ServedBy servedBy, Completion completion) {}
