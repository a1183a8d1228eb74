/**
 * The console's server side: the wire contract as JSON for a page, and the short series of figures
 * that nothing else keeps.
 */
@NullMarked
package io.trimtab.serving.console;

import org.jspecify.annotations.NullMarked;
