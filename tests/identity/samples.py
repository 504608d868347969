"""Photo URLs as Headshot publishes them."""

URL = "https://photos.example.com/photos/ada/9f86d081884c7d659a2feaa0c55ad015.jpg"
OTHER_URL = "https://photos.example.com/photos/ada/60303ae22b998861bce3b28f33eec1be.jpg"
