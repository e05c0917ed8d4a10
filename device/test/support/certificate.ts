/** Self-signed for localhost and 127.0.0.1, valid for a hundred years: of no use but to tests. */

export const certificate = `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUZNp83ai2LagdJkNTG+cUglg6POowCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjE4Mjk1MloYDzIxMjYxMDI5
MTgyOTUyWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATyok+ujzOw5qYUcBeNlUquO8jzAuWmtIKLonXKhcMX+RiCP1mKSRzH
dGXzeqYp+tFoXhAgar9LEgGAXupl+w7Uo28wbTAdBgNVHQ4EFgQULo1BuEEDDMPu
uVzIDc9CA9k1v4QwHwYDVR0jBBgwFoAULo1BuEEDDMPuuVzIDc9CA9k1v4QwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIhAJBHh7YjpkUA2tm9GPYFdkJvHRZGJZ8MHo+sucKgPb0IAiBN
CK0C8vdWILCKpWcny+kcgsA8Rve2ip9xeBBDRf4sHg==
-----END CERTIFICATE-----
`;

export const certificateKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgbzG1ApjHR+YxIgDe
68mMDfBaQzFTJ/c1VDIP/EwNZmihRANCAATyok+ujzOw5qYUcBeNlUquO8jzAuWm
tIKLonXKhcMX+RiCP1mKSRzHdGXzeqYp+tFoXhAgar9LEgGAXupl+w7U
-----END PRIVATE KEY-----
`;

/** The key of another certificate. */
export const otherKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgzaiO2j6W1IQkt4Wr
CHoe5N/8fmL++cAg9XclaPWVZ/mhRANCAASvf5WsuphUcY95HDDAht/jWoS3yZEz
+PXGgUeTpvMVLoq/Zb5UlqvkdXQ7WXAp11mueIdvOeapEq42aiaD3l6O
-----END PRIVATE KEY-----
`;
