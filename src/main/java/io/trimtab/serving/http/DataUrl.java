package io.trimtab.serving.http;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.Picture;
import java.util.Base64;
import java.util.Locale;

/** A picture inside a URL: {@code data:image/png;base64,…} (RFC 2397). */
public final class DataUrl {
  private static final String SCHEME = "data:";
  private static final String BASE64 = ";base64";
  private static final int HEAD_CHARACTERS_MAX = 256;

  private DataUrl() {}

  /** Whether a URL is one that holds its own data, whatever they are. */
  public static boolean is(String url) {
    return url.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
  }

  /**
   * The picture; what it is a picture of is its own bytes' to say, not the media type's.
   *
   * @param field names the URL in refusals: {@code messages[0].content[1].image_url.url}
   * @throws TrimtabException INVALID_ARGUMENT, which begins with the field
   */
  public static Picture picture(String url, String field) {
    int comma = url.indexOf(',');
    String head =
        comma < 0 || comma > HEAD_CHARACTERS_MAX
            ? ""
            : url.substring(0, comma).toLowerCase(Locale.ROOT);
    if (!head.startsWith(SCHEME) || !head.endsWith(BASE64)) {
      throw TrimtabException.invalid(
          "%s is %s, expected data:image/TYPE;base64,…".formatted(field, Quoted.of(url)));
    }
    byte[] encoded;
    try {
      encoded = Base64.getDecoder().decode(url.substring(comma + 1));
    } catch (IllegalArgumentException e) {
      throw new TrimtabException(
          ErrorCode.INVALID_ARGUMENT, "%s is not base64: %s".formatted(field, e.getMessage()), e);
    }
    if (encoded.length == 0) {
      throw TrimtabException.invalid(field + " holds no bytes, expected an encoded picture");
    }
    return Picture.of(encoded);
  }
}
