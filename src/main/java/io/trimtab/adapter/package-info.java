/** The registry of each tenant's adapters: their revisions, and which of them is served. */
@NullMarked
package io.trimtab.adapter;

import org.jspecify.annotations.NullMarked;
