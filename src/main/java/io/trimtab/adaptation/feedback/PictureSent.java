package io.trimtab.adaptation.feedback;

import java.time.Instant;

/**
 * That a tenant has sent a picture.
 *
 * @param sha256 64 lower-case hex digits
 * @param when last, give or take half of {@link TenantPictures#GRACE}
 */
record PictureSent(String tenant, String sha256, Instant when) {}
