package io.trimtab.serving.finetuning;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.Picture;
import java.util.Base64;
import java.util.Locale;

/** A picture inside a URL: {@code data:image/png;base64,…} (RFC 2397). */
final class DataUrl {
  private static final String SCHEME = "data:";
  private static final String BASE64 = ";base64";

  private DataUrl() {}

  /**
   * The picture; what it is a picture of is its own bytes' to say, not the media type's.
   *
   * @throws TrimtabException INVALID_ARGUMENT
   */
  static Picture picture(String url) {
    int comma = url.indexOf(',');
    String head = url.substring(0, Math.max(0, comma)).toLowerCase(Locale.ROOT);
    if (!head.startsWith(SCHEME) || !head.endsWith(BASE64)) {
      throw TrimtabException.invalid(
          "url is %s, expected data:image/...;base64,...: pictures are part of the file"
              .formatted(Quoted.of(url)));
    }
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(url.substring(comma + 1));
    } catch (IllegalArgumentException e) {
      throw new TrimtabException(
          ErrorCode.INVALID_ARGUMENT, "url is not base64: " + e.getMessage(), e);
    }
    if (bytes.length == 0) {
      throw TrimtabException.invalid("url holds no bytes, expected an encoded picture");
    }
    return Picture.of(bytes);
  }
}
