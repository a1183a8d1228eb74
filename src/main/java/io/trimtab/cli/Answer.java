package io.trimtab.cli;

import io.trimtab.engine.Completion;
import io.trimtab.engine.ServedBy;

/** A whole answer and what produced it. */
record Answer(ServedBy servedBy, Completion completion) {}
