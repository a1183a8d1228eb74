/** What a person at a terminal sees: tables, colours, widths, progress, exit codes. */
@NullMarked
package io.trimtab.cli.terminal;

import org.jspecify.annotations.NullMarked;
