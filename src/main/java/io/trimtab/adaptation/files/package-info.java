/** Files of training data that tenants have uploaded: kept as they came, below their tenant. */
@NullMarked
package io.trimtab.adaptation.files;

import org.jspecify.annotations.NullMarked;
