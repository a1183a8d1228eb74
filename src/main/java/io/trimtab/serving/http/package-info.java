/** What all HTTP endpoints share: whose call it is, and how a refusal is told. */
@NullMarked
package io.trimtab.serving.http;

import org.jspecify.annotations.NullMarked;
