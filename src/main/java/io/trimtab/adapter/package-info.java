/**
 * Adapters: what PEFT wrote, read and checked as deltas of a base model; and the registry of each
 * tenant's adapters with their revisions.
 */
@NullMarked
package io.trimtab.adapter;

import org.jspecify.annotations.NullMarked;
