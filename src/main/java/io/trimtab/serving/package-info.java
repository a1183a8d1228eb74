/** The gRPC and HTTP edges. Nothing is decided here. */
@NullMarked
package io.trimtab.serving;

import org.jspecify.annotations.NullMarked;
