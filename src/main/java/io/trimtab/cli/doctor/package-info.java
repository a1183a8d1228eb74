/** What {@code trimtab doctor} looks at: a small class for each thing, none of which changes it. */
@NullMarked
package io.trimtab.cli.doctor;

import org.jspecify.annotations.NullMarked;
