package io.trimtab.serving.openai;

import io.trimtab.error.Quoted;
import io.trimtab.model.text.Picture;
import io.trimtab.serving.http.FieldException;
import java.util.Base64;
import java.util.Locale;

/** Reads the pictures that requests name by URL: those inside the URL, and fetched ones. */
final class PictureUrls {
  private static final String DATA = "data:";
  private static final String BASE64 = ";base64";
  private static final int HEADER_CHARACTERS_MAX = 256;

  private final RemotePictures remote;

  PictureUrls(RemotePictures remote) {
    this.remote = remote;
  }

  /**
   * The picture; waits for another server where it must be fetched.
   *
   * @param path of the field that has the URL
   */
  Picture read(String url, String path) {
    if (url.regionMatches(true, 0, DATA, 0, DATA.length())) {
      return inside(url, path);
    }
    if (url.regionMatches(true, 0, "http:", 0, 5) || url.regionMatches(true, 0, "https:", 0, 6)) {
      return remote.fetch(url, path);
    }
    throw FieldException.invalid(
        path, "%s is %s, expected a data URL".formatted(path, Quoted.of(url)));
  }

  private static Picture inside(String url, String path) {
    int comma = url.indexOf(',');
    String header =
        comma < 0 || comma > HEADER_CHARACTERS_MAX
            ? ""
            : url.substring(DATA.length(), comma).toLowerCase(Locale.ROOT);
    if (!header.endsWith(BASE64)) {
      throw FieldException.invalid(
          path, path + " is a data URL of another form, expected data:image/TYPE;base64,…");
    }
    try {
      byte[] encoded = Base64.getDecoder().decode(url.substring(comma + 1));
      if (encoded.length == 0) {
        throw FieldException.invalid(path, path + " is empty, expected an encoded picture");
      }
      return Picture.of(encoded);
    } catch (IllegalArgumentException e) {
      throw FieldException.invalid(path, "%s is not base64: %s".formatted(path, e.getMessage()));
    }
  }
}
