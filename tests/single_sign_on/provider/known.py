"""What the service knows and the tests may know too."""

CLIENT_ID, SECRET, PASSWORD = "zhike", "a-secret-of-the-test", "provider-password-7"
