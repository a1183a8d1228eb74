/** Who makes a call: API keys and the tenants they stand for. */
@NullMarked
package io.trimtab.serving.security;

import org.jspecify.annotations.NullMarked;
