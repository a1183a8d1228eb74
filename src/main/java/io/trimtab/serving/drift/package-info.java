/** What the drift watch saw, over {@code trimtab.v1.Drift}. */
@NullMarked
package io.trimtab.serving.drift;

import org.jspecify.annotations.NullMarked;
