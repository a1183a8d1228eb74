/** {@code trimtab study drift}: when the watch alarms on streams whose drift is known. */
@NullMarked
package io.trimtab.study.drift;

import org.jspecify.annotations.NullMarked;
