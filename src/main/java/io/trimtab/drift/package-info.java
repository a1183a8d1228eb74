/**
 * What drift is seen by: classes of tokens and answers, and how far two distributions lie apart.
 */
@NullMarked
package io.trimtab.drift;

import org.jspecify.annotations.NullMarked;
