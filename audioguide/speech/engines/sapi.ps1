# The voices of Windows. Without input it lists them; else it speaks what comes as JSON in base64, so that nothing in it
# is a command.
$ErrorActionPreference = 'Stop'
[Console]::OutputEncoding = [Text.Encoding]::UTF8
Add-Type -AssemblyName System.Speech
$say = New-Object System.Speech.Synthesis.SpeechSynthesizer
$given = [Console]::In.ReadToEnd().Trim()
if ($given) {
  $what = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($given)) | ConvertFrom-Json
  $say.SelectVoice($what.voice)
  $say.Rate = [Math]::Round(10 * [Math]::Log($what.rate, 3))  # ten steps are three times as fast
  $say.SetOutputToWaveFile($what.path)
  $say.Speak($what.text)
  $say.Dispose()
} else {
  $say.GetInstalledVoices() | Where-Object { $_.Enabled } | ForEach-Object {
    $_.VoiceInfo.Culture.Name + ' ' + $_.VoiceInfo.Name
  }
}
