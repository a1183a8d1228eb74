/** PEFT's format: folders read, checked against a base model, and written. */
@NullMarked
package io.trimtab.adapter.peft;

import org.jspecify.annotations.NullMarked;
