/** Feedback over HTTP: the same as over gRPC, and as CloudEvents. */
@NullMarked
package io.trimtab.serving.feedback;

import org.jspecify.annotations.NullMarked;
