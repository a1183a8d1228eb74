/**
 * The gRPC and HTTP edges, one package for each door. Nothing is decided here; what all doors share
 * is in this package.
 */
@NullMarked
package io.trimtab.serving;

import org.jspecify.annotations.NullMarked;
