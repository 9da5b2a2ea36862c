@echo off
rem Opens relais's page in the browser; results go to the folder named, or to Documents\relais.
rem Ouvre la page de relais dans le navigateur ; les resultats vont dans le dossier nomme, ou dans Documents\relais.
chcp 65001 >nul
set "FOLDER=%~1"
if "%FOLDER%"=="" set "FOLDER=%USERPROFILE%\Documents\relais"
if not exist "%FOLDER%" mkdir "%FOLDER%"
"%~dp0relais.exe" serve "%FOLDER%" --open
pause
