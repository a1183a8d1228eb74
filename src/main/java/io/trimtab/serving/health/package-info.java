/** What the health checks of Quarkus and gRPC answer. */
@NullMarked
package io.trimtab.serving.health;

import org.jspecify.annotations.NullMarked;
