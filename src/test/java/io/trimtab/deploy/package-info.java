/** The manifests and images of k8s/ are held against the server that they start. */
@NullMarked
package io.trimtab.deploy;

import org.jspecify.annotations.NullMarked;
