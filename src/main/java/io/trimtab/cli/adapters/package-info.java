/** {@code trimtab adapters}: upload, list, switch, download. */
@NullMarked
package io.trimtab.cli.adapters;

import org.jspecify.annotations.NullMarked;
