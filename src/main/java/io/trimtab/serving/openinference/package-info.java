/** The Open Inference Protocol over gRPC, with Triton's streams: read into trimtab.v1's terms. */
@NullMarked
package io.trimtab.serving.openinference;

import org.jspecify.annotations.NullMarked;
