/** What the study runs, in which order and at which scale, and the record of each stage. */
@NullMarked
package io.trimtab.study.plan;

import org.jspecify.annotations.NullMarked;
