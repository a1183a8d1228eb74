/** Pictures as the model wants them: decoding, Pillow's resizing, tiles and patches. */
@NullMarked
package io.trimtab.model.image;

import org.jspecify.annotations.NullMarked;
