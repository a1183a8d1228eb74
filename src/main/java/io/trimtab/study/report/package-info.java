/** What the records say: estimates with intervals, tables beside the paper, charts. */
@NullMarked
package io.trimtab.study.report;

import org.jspecify.annotations.NullMarked;
