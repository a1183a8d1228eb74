/** What gRPC calls of all services share: who calls, how a call begins, is paced and fails. */
@NullMarked
package io.trimtab.serving.grpc;

import org.jspecify.annotations.NullMarked;
