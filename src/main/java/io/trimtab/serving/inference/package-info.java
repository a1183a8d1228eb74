/** Questions over {@code trimtab.v1.Inference}, and the client that asks another server. */
@NullMarked
package io.trimtab.serving.inference;

import org.jspecify.annotations.NullMarked;
